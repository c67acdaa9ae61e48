"""Starting and watching a training: settings, data, estimate and the live curve."""
