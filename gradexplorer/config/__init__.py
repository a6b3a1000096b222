"""What the user asked for: frozen, validated, without behaviour."""
