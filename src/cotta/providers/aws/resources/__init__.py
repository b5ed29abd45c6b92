"""The resource types, a file each, named as the type without its `aws_`."""
