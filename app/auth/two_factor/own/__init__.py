"""The pages on which a person sets up and removes second factors."""
