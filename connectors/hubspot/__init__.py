"""HubSpot: what its API tells, what a super admin attests, and what both mean."""
