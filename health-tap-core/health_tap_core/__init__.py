"""What every Singer tap of personal data needs and no vendor owns.

A tap is built from four pieces: a :class:`~health_tap_core.tap.HealthTap`, a
:class:`~health_tap_core.client.VendorClient`, a
:class:`~health_tap_core.oauth.provider.Provider` that describes the vendor's OAuth 2.0, and one
small :class:`~health_tap_core.stream.HealthStream` class per stream.
"""
