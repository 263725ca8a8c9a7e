"""What runs a compiled network: LiteRT, or OpenVINO where that is wanted, faster, and proven to answer alike."""
