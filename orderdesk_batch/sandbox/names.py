"""The made-up people and products the sandbox's stores are filled with."""

from __future__ import annotations

__all__ = ["CARRIERS", "PEOPLE", "PRODUCTS"]

# first name, last name, company, address1, address2, city, state, postal code, country, phone
PEOPLE: tuple[tuple[str, str, str, str, str, str, str, str, str, str], ...] = (
    ("Jörg", "Müller-Lüdenscheidt", "", "Königsallee 12", "", "Düsseldorf", "NW", "40212", "DE", "+49 211 555010"),
    ("Mary", "O'Neill", "", "77 Harbour View", "Flat 3", "Bristol", "", "BS1 5TY", "GB", "+44 117 496 0111"),
    ("Christopher", "Null", "", "500 Terry Francois Blvd", "", "San Francisco", "CA", "94158", "US", "4155550132"),
    ("Ndapewa", "Shikongo", "", "12 Independence Ave", "", "Windhoek", "Khomas", "10001", "NA", "+264 61 555 012"),
    ("太郎", "山田", "山田商店", "千代田1-1", "", "東京", "東京都", "100-0001", "JP", "+81 3 5555 0100"),
    ("None", "Whitfield", "", "9 Rue Lane", "", "Austin", "TX", "78701", "US", "5125550143"),
    ("Lin", "NA", "", "3 Market St", "Suite 200", "Boston", "MA", "02108", "US", "6175550101"),
    ("Zoë", "D’Angelo", "Café Zoë GmbH", "Hauptstraße 5", "", "Köln", "", "50667", "DE", "0221 555019"),
    ("Amelia", "Smith", "", "1 High Street", "", "Leeds", "West Yorkshire", "LS1 4AP", "GB", "0113 496 0222"),
    ("James", "Johnson", "Johnson & Sons, Inc.", "4821 Oak St", "Apt #4", "Portland", "OR", "97205", "US",
     "(503) 555-0177"),
    ("Sofía", "Nuñez", "", "210 Main St", "", "Miami", "FL", "33101", "US", "3055550119"),
    ("Åsa", "Øster", "", "Bergmannstraße 8", "", "Berlin", "", "10961", "DE", "030 555 0199"),
    ("花子", "佐藤", "", "中区栄3-5-1", "", "名古屋", "愛知県", "460-0008", "JP", "052-555-0110"),
    ("Liam", "Brown", "", "56 Elm Ave", "", "Newark", "NJ", "07102", "US", "9735550150"),
    ("Grace", "=SUM(A1)", "", "19 Long Rd", "", "Cambridge", "", "CB1 2AB", "GB", "01223 555 0133"),
    ("Ωmar", "al-Sayed", "", "Sonnenallee 100", "", "Berlin", "", "12045", "DE", "+49 30 5550166"),
)  # fmt: skip

# code, name, price, weight, category
PRODUCTS: tuple[tuple[str, str, float, float, str], ...] = (
    ("00123", "Ceramic Mug", 12.5, 0.8, "KITCHEN"),
    ("1E5", "Resistor Kit 100k", 9.99, 0.25, "PARTS"),
    ("3-4", "Bolt 3/4 inch", 0.45, 0.05, "PARTS"),
    ("TRUE", "True Wireless Buds", 79, 0.3, "AUDIO"),
    ("NULL", "Null Modem Cable", 6.2, 0.15, "PARTS"),
    ("NA", "Sodium Lamp (Na)", 18.75, 1.1, "LIGHT"),
    ("1.10", "Gauge 1.10 mm", 3.1, 0.02, "PARTS"),
    ("007", "Spy Pen, „Bond“", 24, 0.1, "OFFICE"),
    ("TEE-BLK-M", "T-Shirt, black", 19.9, 0.4, "CLOTHES"),
    ("TEE-BLK-L", "T-Shirt, black", 19.9, 0.42, "CLOTHES"),
    ("MUG-ÄÖÜ", "Becher „Grüße“", 11, 0.75, "KITCHEN"),
    ("POSTER/A2", "Poster A2", 15, 0.2, "PAPER"),
    ("2024-03", "Calendar March 2024", 8, 0.3, "PAPER"),
    ("GIFT 50", "Gift Card 50", 50, 0, "GIFT"),
    ("茶-01", "緑茶 100g", 14.2, 0.12, "FOOD"),
    ("BAG-CANVAS", "Canvas Bag 12\" x 14\"", 22.35, 0.5, "CLOTHES"),
)  # fmt: skip

CARRIERS: tuple[tuple[str, str], ...] = (
    ("USPS", "Priority Mail"),
    ("FedEx", "Ground"),
    ("UPS", "UPS Ground"),
    ("DHL", "Paket"),
)
