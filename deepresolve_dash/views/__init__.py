"""Pictures: one file each, a pure function of results, selection and options."""
