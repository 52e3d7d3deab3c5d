"""A Salesforce project on disk as a source: SFDX source format or Metadata API files, without an org or a network."""
