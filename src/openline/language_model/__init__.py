"""An optional second reader: a language model at an endpoint that the city names. Off unless it is named."""
