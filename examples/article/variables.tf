# The article's main.tf names this variable; which subnets it means is yours to say.
variable "private_subnet_ids" {
  type        = list(string)
  description = "The subnets that the fleet's instances are started in."
}
