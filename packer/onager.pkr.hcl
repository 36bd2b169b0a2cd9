# Ubuntu 24.04 with Onager in it, for amd64 and arm64, in one build. README.md beside this file has
# the commands.

locals {
  built = formatdate("YYYYMMDD-hhmm", timestamp())
  tags = {
    Name           = "onager-${var.version}"
    onager-version = var.version
    source-ami     = "{{ .SourceAMI }}"
    source-name    = "{{ .SourceAMIName }}"
    built          = local.built
  }
}

source "amazon-ebs" "onager" {
  # The builder: an ordinary instance for some minutes, reached by ssh with a key made for it alone.
  region                      = var.region
  subnet_id                   = var.subnet_id
  associate_public_ip_address = true
  ssh_username                = "ubuntu"
  ssh_clear_authorized_keys   = true
  run_tags                    = { Name = "onager-image-builder" }
  run_volume_tags             = { Name = "onager-image-builder" }
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  # The image: IMDSv2 only, and for nobody else unless asked for.
  ami_description         = "Runs the load test in its user-data, shows it live, and leaves the report in S3"
  ami_virtualization_type = "hvm"
  imds_support            = "v2.0"
  ami_regions             = var.copy_to_regions
  ami_users               = var.share_with_accounts
  snapshot_users          = var.share_with_accounts
  ami_groups              = var.share_publicly ? ["all"] : []
  encrypt_boot            = var.encrypt
  kms_key_id              = var.kms_key
  tags                    = local.tags
  snapshot_tags           = local.tags
  launch_block_device_mappings {
    device_name           = "/dev/sda1"
    volume_type           = "gp3"
    volume_size           = var.disk_gib
    iops                  = 3000
    throughput            = 125
    delete_on_termination = true
  }
}

build {
  source "amazon-ebs.onager" {
    name          = "amd64"
    ami_name      = "onager-${var.version}-amd64-${local.built}"
    instance_type = "c7i.large"
    source_ami_filter {
      # Canonical's own account: anybody may call an image "ubuntu".
      owners      = ["099720109477"]
      most_recent = true
      filters = {
        name                = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"
        root-device-type    = "ebs"
        virtualization-type = "hvm"
      }
    }
  }

  source "amazon-ebs.onager" {
    name          = "arm64"
    ami_name      = "onager-${var.version}-arm64-${local.built}"
    instance_type = "c7g.large"
    source_ami_filter {
      owners      = ["099720109477"]
      most_recent = true
      filters = {
        name                = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-*"
        root-device-type    = "ebs"
        virtualization-type = "hvm"
      }
    }
  }

  provisioner "file" {
    source      = "${var.deb_dir}/onager_${var.version}_${source.name}.deb"
    destination = "/tmp/onager.deb"
  }

  # Each does one thing, and the image test runs the same files in the same order.
  provisioner "shell" {
    execute_command = "sudo env {{ .Vars }} sh -eu {{ .Path }}"
    scripts = [
      "${path.root}/scripts/00-base.sh",
      "${path.root}/scripts/10-onager.sh",
      "${path.root}/scripts/20-quiet.sh",
      "${path.root}/scripts/30-closed.sh",
      "${path.root}/scripts/40-clock.sh",
      "${path.root}/scripts/80-verify.sh",
      "${path.root}/scripts/90-clean.sh",
    ]
  }

  post-processor "manifest" {
    output = "dist/ami.json"
  }
}
