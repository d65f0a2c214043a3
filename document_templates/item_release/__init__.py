"""Papers of 物品放行."""
