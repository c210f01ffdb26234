"""The store: engine, tables, repositories and migrations. Everything that is SQL stands below this package."""
