"""What people read: pages made from results."""
