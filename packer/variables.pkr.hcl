# What a build can be told, by -var, -var-file or PKR_VAR_<name>.

variable "version" {
  type        = string
  description = "Version of the Onager packages in deb_dir."
}

variable "deb_dir" {
  type        = string
  default     = "dist"
  description = "Where npm run package put onager_<version>_amd64.deb and onager_<version>_arm64.deb."
}

variable "region" {
  type        = string
  default     = "us-east-1"
  description = "Where the images are built."
}

variable "copy_to_regions" {
  type        = list(string)
  default     = []
  description = "Further regions that get a copy."
}

variable "share_with_accounts" {
  type        = list(string)
  default     = []
  description = "AWS account ids that may launch the images. Defaults to nobody but you; \"all\" is never added by itself."
}

variable "share_publicly" {
  type        = bool
  default     = false
  description = "Lets everybody launch the images. Defaults to false for security; impossible for encrypted ones."
}

variable "encrypt" {
  type        = bool
  default     = false
  description = "Encrypts the images' snapshots."
}

variable "kms_key" {
  type        = string
  default     = ""
  description = "Key for encrypt, as ARN or alias; empty: the account's own key for EBS. An image with the account's own key cannot be shared."
}

variable "disk_gib" {
  type        = number
  default     = 12
  description = "Size of the root disk: 3 GiB are the system, the rest holds runs. One takes a few MB an hour, and with samples: rows about 100 bytes a request."
}

variable "subnet_id" {
  type        = string
  default     = ""
  description = "Where the builder runs; empty: the region's default VPC."
}
