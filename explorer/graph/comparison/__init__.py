"""Two graphs side by side: corresponding nodes, what differs between them, and how far weights moved."""
