"""From the centre: shelters without a device, run by telephone and from paper lists."""
