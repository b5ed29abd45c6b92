"""Networks: where a region's packets go.

`plan` names everything (pure); `filters` writes the firewall's rules as text (pure);
`bridge` makes it so on the machine: `RegionNetwork`.  May import `system` and the
records of `region`.  Read next: `plan`.
"""
