"""Mistaken references, each alone in a module that is right otherwise."""

from __future__ import annotations

PRELUDE = {
    "child/main.tf": """
variable "x" { default = 1 }
variable "y" { default = 1 }
output "o" { value = var.x }
""",
    "names.tf": """
variable "known" { default = 1 }
locals { known = 1 }
resource "terraform_data" "ok" {}
resource "terraform_data" "counted" { count = 2 }
resource "terraform_data" "each" { for_each = { a = 1 } }
data "terraform_remote_state" "there" { backend = "local" }
module "m" { source = "./child" }
module "mc" {
  source = "./child"
  count  = 2
}
check "holder" {
  data "terraform_remote_state" "scoped" { backend = "local" }
  assert {
    condition     = data.terraform_remote_state.scoped.backend == var.known
    error_message = "no"
  }
}
""",
}

EXPRESSIONS = """
terraform_data.counted.id
terraform_data.each.id
terraform_data.ok[0]
terraform_data.ok[0].id
terraform_data.okk.id
data.terraform_data.ok
terraform_remote_state.there.id
module.mm.o
var.zz
[var.zz, var.zz]
var.knwon
local.knwon
local.zz
path.zz
path.modul
terraform.zz
terraform.env
count.index
count.x
each.key
each.value
each.x
self.id
[var.zz, self.id]
[var.zz, terraform_data.nope]
[foo, var.zz]
[foo, self]
data.terraform_remote_state.scoped.backend
ephemeral.a.b
foo
template.x
a.b[true].c
module.m["b"][1]
data.x
upper(var.zz)
"${var.zz}-${local.zz}"
[for v in var.zz : v if local.zz]
{ for k, v in [1] : k => [v, var.zz] }
true ? var.zz : local.zz
terraform_data.nope[var.zz].id
terraform_data.nope[*].id
""".strip().split("\n")

BLOCKS = {
    "resource count": "count = var.zz",
    "resource count index": "count = count.index",
    "resource for_each": "for_each = each.value",
    "resource for_each self": "for_each = self.x",
    "resource each without": "input = [count.index, each.key, each.value, var.zz]",
    "resource count with": "count = 1\n  input = [count.index, each.key, count.x]",
    "resource each with": "for_each = {}\n  input = [count.index, each.key, each.x, each.value]",
    "resource self": "input = self.id",
    "resource depends_on nope": "depends_on = [terraform_data.nope]",
    "resource depends_on attribute": "depends_on = [terraform_data.ok.id]",
    "resource depends_on var": "depends_on = [var.zz]",
    "resource depends_on local": "depends_on = [local.zz]",
    "resource depends_on module": "depends_on = [module.zz]",
    "resource depends_on bare": "depends_on = [foo]",
    "resource depends_on count": "depends_on = [count.index]",
    "resource depends_on path": "depends_on = [path.module]",
    "resource depends_on output": "depends_on = [module.m.o]",
    "resource depends_on counted": "depends_on = [terraform_data.counted]",
    "resource depends_on instance": "depends_on = [terraform_data.counted[0]]",
    "resource depends_on two": "depends_on = [terraform_data.nope, terraform_data.ok.input.a]",
    "trigger nope": "lifecycle {\n    replace_triggered_by = [terraform_data.nope]\n  }",
    "trigger key": "lifecycle {\n    replace_triggered_by = [terraform_data.ok[0]]\n  }",
    "trigger no key": "lifecycle {\n    replace_triggered_by = [terraform_data.counted.id]\n  }",
    "trigger data": "lifecycle {\n    replace_triggered_by = [data.a.b]\n  }",
    "provisioner": 'provisioner "local-exec" {\n    command = "${var.zz} ${count.index}"\n  }',
    "connection": "connection {\n    host = var.zz\n  }",
    "provisioner connection": """provisioner "local-exec" {
    command = self.id
    connection {
      host = "${self.id} ${var.zz}"
    }
  }""",
    "precondition": """lifecycle {
    precondition {
      condition     = var.zz == each.key
      error_message = var.zz2
    }
  }""",
    "postcondition": """lifecycle {
    postcondition {
      condition     = self.id == var.zz
      error_message = self.id
    }
  }""",
    "postcondition nope": """lifecycle {
    postcondition {
      condition     = self.id == terraform_data.nope
      error_message = local.zz
    }
  }""",
}

OTHERS = {
    "output depends_on": """output "a" {
  value      = 1
  depends_on = [terraform_data.nope]
}""",
    "output depends_on attribute": """output "a" {
  value      = 1
  depends_on = [terraform_data.ok.id]
}""",
    "output precondition": """output "a" {
  value = 1
  precondition {
    condition     = var.zz == 1
    error_message = var.zz2
  }
}""",
    "module argument": """module "c" {
  source = "./child"
  x      = var.zz
  y      = count.index
}""",
    "module unknown argument": """module "c" {
  source = "./child"
  z      = 1
  yy     = 1
}""",
    "module block": """module "c" {
  source = "./child"
  z {}
}""",
    "module count": """module "c" {
  source = "./child"
  count  = count.index + var.zz
}""",
    "module for_each": """module "c" {
  source   = "./child"
  for_each = self.id
}""",
    "module depends_on": """module "c" {
  source     = "./child"
  depends_on = [terraform_data.nope, terraform_data.ok.id, var.zz]
}""",
    "module arguments": """module "c" {
  source = "./child"
  x      = terraform_data.nope
  y      = [each.key, self.x]
}""",
    "check assert": """check "k" {
  assert {
    condition     = var.zz == 1
    error_message = var.zz2
  }
}""",
    "check self": """check "k" {
  assert {
    condition     = self.x
    error_message = "x"
  }
}""",
    "check data": """check "k" {
  data "terraform_remote_state" "s" {
    backend    = var.zz
  }
  assert {
    condition     = var.known == 1
    error_message = "x"
  }
}""",
    "check data depends_on": """check "k" {
  data "terraform_remote_state" "s" {
    backend    = "local"
    depends_on = [terraform_data.nope]
  }
  assert {
    condition     = var.known == 1
    error_message = "x"
  }
}""",
    "other check's data": """check "k" {
  assert {
    condition     = data.terraform_remote_state.scoped.backend == 1
    error_message = "x"
  }
}""",
    "local": "locals {\n  a = local.zz\n}",
    "data": """data "terraform_remote_state" "x" {
  backend = var.zz
}""",
    "validation": """variable "w" {
  validation {
    condition     = var.w == var.zz
    error_message = "x"
  }
}""",
    "validation message": """variable "w" {
  validation {
    condition     = var.w == 1
    error_message = local.zz
  }
}""",
    "validation nope": """variable "w" {
  validation {
    condition     = var.w == terraform_data.nope
    error_message = "x"
  }
}""",
    "import id": """import {
  to = terraform_data.ok
  id = local.zz
}""",
    "import for_each": """import {
  for_each = var.zz
  to       = terraform_data.each[each.key]
  id       = each.value
}""",
    "provider alias": """resource "terraform_data" "a" {
  provider = terraform.nope
}""",
    "required version": """terraform {
  required_version = "~> 1.10.0"
}""",
    "nested block": """resource "terraform_data" "a" {
  input = [for x in [1] : x.y + var.zz]
}""",
}


def mistakes() -> dict[str, dict[str, str]]:
    """Return the files of every mistaken module, by what is wrong."""
    written = {f"output {text}": f'output "a" {{\n  value = {text}\n}}' for text in EXPRESSIONS}
    written |= {
        f"body {text}": f'resource "terraform_data" "a" {{\n  input = {text}\n}}'
        for text in EXPRESSIONS
    }
    written |= {
        name: f'resource "terraform_data" "a" {{\n  {text}\n}}' for name, text in BLOCKS.items()
    }
    written |= OTHERS
    return {name: {**PRELUDE, "main.tf": text + "\n"} for name, text in written.items()}
