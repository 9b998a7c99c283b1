"""One broker as a city runs it: TLS, users with passwords (SCRAM), and nothing allowed that was not granted."""

import secrets
from pathlib import Path

from deploy.servers.kafka.broker import Kafka
from deploy.servers.kafka.certificates import Authority

ADMIN = "admin"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required"


class SecuredKafka(Kafka):
    """A broker that knows one user, the administrator, until others are made."""

    def fresh_settings(self) -> dict[str, str]:
        """The administrator's password beside the ports."""
        return {**super().fresh_settings(), "password": secrets.token_urlsafe(24)}

    def prepare(self) -> None:
        """Certificates first: the configuration names them."""
        certificate, key = Authority.make(self._certificates).sign("broker")
        both = self._certificates / "broker-both.pem"
        both.touch(mode=0o600)
        both.write_text(key.read_text(encoding="ascii") + certificate.read_text(encoding="ascii"), encoding="ascii")
        super().prepare()

    def own_properties(self) -> dict[str, str]:
        """No listener without TLS and password but the controller's, which nobody else talks to."""
        here = f"127.0.0.1:{self.settings['broker_port']}"
        return {
            "listeners": f"SASL_SSL://{here},CONTROLLER://127.0.0.1:{self.settings['controller_port']}",
            "advertised.listeners": f"SASL_SSL://{here}",
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "SASL_SSL",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                f'{_SCRAM} username="{ADMIN}" password="{self.settings["password"]}";'
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._certificates / "broker-both.pem"),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.ca_file),
            "ssl.client.auth": "requested",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            # The controller's listener knows no users and is this process talking to itself.
            "super.users": f"User:{ADMIN};User:ANONYMOUS",
            "allow.everyone.if.no.acl.found": "false",
        }

    def format_words(self) -> list[str]:
        """The administrator exists from the first start on."""
        credentials = f"SCRAM-SHA-512=[name={ADMIN},password={self.settings['password']}]"
        return [*super().format_words(), "--add-scram", credentials]

    @property
    def ca_file(self) -> Path:
        """Who signed the broker's certificate."""
        return self._certificates / "authority.pem"

    def client(self, user: str = ADMIN, password: str = "") -> dict[str, str]:
        """What a client of this user needs; the administrator without a password given."""
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": str(self.ca_file),
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "sasl.password": password or self.settings["password"],
        }

    @property
    def _certificates(self) -> Path:
        return self.folder / "certificates"
