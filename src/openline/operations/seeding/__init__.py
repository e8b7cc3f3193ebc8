"""Made-up requests in large numbers, for trying Openline at the size of a city: `openline seed`."""
