"""How Poststelle runs elsewhere: images, servers, file plans, dashboards."""
