from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "backend.gateway"
    label = "gateway"
    verbose_name = "外部窓口"

    # Called, without being imported, by rooms whose `gateway_offers` are not the same any more.
    offers_changed = "backend.gateway.services.offers_changed"
