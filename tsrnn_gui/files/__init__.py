"""Everything that touches a disk: readers, exporters, samples and the project file."""
