"""The municipality's 町字 (address base registry): what an address of the register is held against."""
