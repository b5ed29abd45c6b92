"""AWS's wire: requests and responses of every protocol, driven by botocore's models.

`http` has the request and response of a server, `signatures` checks who signed a request,
`services` holds the models, `requests` decodes what an operation is given, `responses` encodes
what it answers, `errors` has `ApiError` and its documents.  Pure, and the only place that knows
botocore.  The rest of the region sees mappings named as in the models, which is what
boto3 users see too.
"""
