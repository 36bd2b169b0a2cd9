# The plugins of current Packer (1.8 or later), fetched by `packer init packer`. In a separate file
# because Debian's Packer 1.6.6, with which the tests validate the rest, does not know the block.
packer {
  required_version = ">= 1.8.0"
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.3.0, < 2.0.0"
    }
  }
}
