variable "words" {
  type    = list(string)
  default = ["one", "two"]
}
source "file" "notes" {
  target  = "out-notes.txt"
  content = join("\n", [for word in var.words : "- ${upper(word)}"])
}
source "file" "copy" {
  target = "out-copy.txt"
  source = "files/app.service"
}
build {
  sources = ["source.file.notes", "source.file.copy"]
  provisioner "shell-local" {
    environment_vars = ["WHO=world"]
    inline           = ["echo hello $WHO", "echo from ${source.type}.${source.name}"]
  }
  post-processors {
    post-processor "checksum" {
      checksum_types = ["sha256"]
      output         = "out-{{.BuildName}}.{{.ChecksumType}}"
    }
    post-processor "manifest" {
      output     = "out-manifest.json"
      strip_time = true
      custom_data = { words = join(",", var.words) }
    }
  }
}
