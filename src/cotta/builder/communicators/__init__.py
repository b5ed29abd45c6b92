"""How a build reaches the machine that it makes: commands run, files carried to and fro.

`interface.py` is the Protocol; `settings.py` what a template may say about SSH;
`ssh.py` speaks it, `reach.py` finds the way there, `sftp.py` and `scp.py` carry files.

paramiko is imported with the first connection, never before.
"""
