"""OAuth 2.0 grants with rotating refresh tokens that survive crashes, races and restarts.

A vendor is one :class:`~health_tap_core.oauth.provider.Provider`. Grants live in a
:class:`~health_tap_core.oauth.stores.base.TokenStore`;
:class:`~health_tap_core.oauth.authenticator.Authenticator` keeps them alive, and
:func:`~health_tap_core.oauth.cli.auth_command` lets a person begin, see and end them.
"""
