variable "vpc" {
  type    = object({ id = string, private = bool })
  default = { id = "vpc-0123456789abcdef0", private = true }
}
source "amazon-ebs" "inside" {
  ami_name      = "inside-${var.vpc.private ? "private" : "public"}-{{timestamp}}"
  instance_type = "t3.micro"
  region        = "us-east-1"
  source_ami    = "ami-0123456789abcdef0"
  vpc_id        = var.vpc.id

  subnet_filter {
    filters = {
      "tag:Tier" = "private"
    }
    most_free = true
    random    = false
  }
  security_group_filter {
    filters = { "tag:Class" = "packer" }
  }
  temporary_iam_instance_profile_policy_document {
    Version = "2012-10-17"
    Statement {
      Action   = ["s3:GetObject"]
      Effect   = "Allow"
      Resource = ["arn:aws:s3:::artefacts/*"]
    }
  }
  ssh_username                 = "ec2-user"
  ssh_interface                = "private_ip"
  ssh_bastion_host             = "bastion.example.com"
  ssh_bastion_username         = "jump"
  ssh_bastion_agent_auth       = true
  ssh_agent_auth               = true
  ssh_keypair_name             = "builders"
}
build {
  sources = ["source.amazon-ebs.inside"]
}
