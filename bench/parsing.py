"""One megabyte of realistic configuration, parsed by us and by python-hcl2."""

from __future__ import annotations

import tracemalloc
from typing import Final

import hcl2

from bench.measure import Figure, median_seconds
from cotta.diagnostics import Diagnostics
from cotta.hcl.parser import parse_file

_UNIT: Final = """
# Fleet number {n}.
data "aws_ami" "app_{n}" {{
  most_recent = true
  owners      = ["self", "amazon"]
  filter {{
    name   = "name"
    values = ["app-${{var.flavour}}-{n}-*"]
  }}
}}

resource "aws_launch_template" "app_{n}" {{
  name_prefix   = "app-{n}-"
  image_id      = data.aws_ami.app_{n}.id
  instance_type = var.large ? "m6i.large" : "t3.micro"
  user_data     = base64encode(<<-EOT
    #!/bin/sh
    echo "fleet {n} in ${{local.region}}" > /etc/motd
    %{{ for name in var.names ~}}
    touch /run/${{name}}
    %{{ endfor ~}}
  EOT
  )
  lifecycle {{
    create_before_destroy = true
  }}
}}

resource "aws_autoscaling_group" "app_{n}" {{
  name_prefix      = "app-{n}-"
  min_size         = 3
  max_size         = max(3, var.size * 2 + 1)
  desired_capacity = var.size
  launch_template {{
    id      = aws_launch_template.app_{n}.id
    version = aws_launch_template.app_{n}.latest_version
  }}
  tag {{
    key                 = "Name"
    value               = join("-", ["app", tostring({n}), local.region])
    propagate_at_launch = true
  }}
}}

locals {{
  members_{n} = [for k, v in var.members : upper(v.name) if v.fleet == {n}]
  sizes_{n}   = {{ for k, v in var.members : k => v.size... }}
}}
"""


def configuration(size: int = 1_000_000) -> str:
    """Return about `size` bytes of it."""
    units = size // len(_UNIT.format(n=100)) + 1
    return "".join(_UNIT.format(n=n) for n in range(units))


def figures() -> list[Figure]:
    text = configuration()
    small = configuration(50_000)

    def ours() -> None:
        diags = Diagnostics()
        parse_file(text.encode(), "main.tf", diags)
        assert not diags.has_errors

    seconds = median_seconds(ours)
    rate = len(text) / 1e6 / seconds
    hcl2.loads(small)  # its grammar is built at the first call
    peer = len(small) / 1e6 / median_seconds(lambda: hcl2.loads(small), 3)
    tracemalloc.start()
    ours()
    memory = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return [
        Figure(
            "parse 1 MB",
            f"{rate:.2f} MB/s ({rate / peer:.0f}x)",
            f"python-hcl2 {peer:.3f} MB/s",
            "≥ 1 MB/s, ≥ 10x",
        ),
        Figure("peak memory of that parse", f"{memory:.0f} MB", "", "< 150 MB"),
    ]
