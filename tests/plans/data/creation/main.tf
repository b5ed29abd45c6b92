terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
}
provider "aws" {
  alias  = "west"
  region = var.region
  default_tags {
    tags = { a = "b" }
  }
}
variable "region" {
  type    = string
  default = "eu-west-1"
  description = "where"
}
variable "n" {
  default = 2
}
variable "pw" {
  sensitive = true
  default = "s3"
}
variable "eph" {
  ephemeral = true
  default = "x"
}
variable "req" {
 type = map(list(string))
 nullable = false
}
locals {
  l = { a = 1 }
}
resource "terraform_data" "a" {
  count = var.n
  input = { n = count.index, pw = var.pw, l = local.l.a }
}
resource "terraform_data" "b" {
  for_each = toset(["x", "y"])
  input = "${each.key}-${terraform_data.a[0].id}"
  triggers_replace = [terraform_data.a[1].output.n, local.l["a"], [for k, v in var.req : k]]
  depends_on = [module.m]
  lifecycle {
    create_before_destroy = true
    precondition {
      condition = var.n > 1
      error_message = "x"
    }
  }
  provisioner "local-exec" {
    command = "echo ${self.id}"
    when = create
  }
}
data "terraform_remote_state" "r" {
  backend = "local"
  config = { path = "${path.module}/other.tfstate" }
}
module "m" {
  source = "./child"
  count  = 1
  x      = terraform_data.a[0].id
  depends_on = [terraform_data.a]
}
output "o" {
  value = terraform_data.b["x"].output
  description = "an output"
}
output "s" {
  value = var.pw
  sensitive = true
  depends_on = [terraform_data.a]
}
output "const" { value = 5 }
check "c" {
  assert {
    condition = var.n == 2
    error_message = "no"
  }
}
