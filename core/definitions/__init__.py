"""YAML becomes domain: read with its places, merged in layers, proved before anybody is served."""
