"""だれがどの名簿にもいないか: the register less everybody heard of, and the calls and visits that find them."""
