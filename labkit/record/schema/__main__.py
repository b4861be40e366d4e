"""Write the schema files from the data types."""

from labkit.record.schema import write_schemas

write_schemas()
