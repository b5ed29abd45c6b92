variable "services" {
  type = map(object({
    port    = number
    runtime = string
  }))
}
variable "owner" {
  type = string
}
variables {
  stage   = "dev"
  retries = 2
}
