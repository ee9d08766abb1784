"""The question that the project is known by, in six languages."""

FLAGSHIP = {
    "en": "how does service relate to loyalty",
    "pl": "jak obsługa klienta wiąże się z lojalnością",
    "tl": "paano nauugnay ang serbisyo sa katapatan",
    "nb": "hvordan henger service sammen med lojalitet",
    "ru": "как обслуживание связано с лояльностью",
    "lv": "kā apkalpošana ir saistīta ar lojalitāti",
}
