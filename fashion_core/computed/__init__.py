"""Results that take a while: computed once in a process of their own, and kept on disk by content."""
