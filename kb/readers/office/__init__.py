"""Word, PowerPoint, Excel, OpenDocument, RTF."""
