source "file" "banner" {
  target  = "out-banner.txt"
  content = local.banner
}
build {
  name    = "repo"
  sources = ["source.file.banner"]
  provisioner "shell-local" {
    inline = [for runtime in local.runtimes : "echo install ${runtime} for ${var.owner} in ${var.stage}"]
  }
}
