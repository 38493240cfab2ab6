"""What the orders say: RFM, life-cycle stage, cohorts, dashboard figures."""
