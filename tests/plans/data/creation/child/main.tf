variable "x" {}
resource "terraform_data" "c" {
  input = var.x
}
output "y" { value = terraform_data.c }
