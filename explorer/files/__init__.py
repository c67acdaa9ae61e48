"""Model files that are not runs: uploads and the torchvision zoo, read and traced in worker processes."""
