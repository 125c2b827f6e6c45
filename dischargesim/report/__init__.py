"""What people read: reports and pages made from results."""
