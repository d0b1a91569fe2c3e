"""シート: handwritten lists as photographs, typed in later line by line beside the picture."""
