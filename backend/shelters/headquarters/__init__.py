"""本部: which shelter was heard of when, and what contradicts itself, settled by entries."""
