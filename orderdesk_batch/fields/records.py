"""This file holds the field tables of items, shipments and inventory."""

from __future__ import annotations

from ..kinds import CHANGE, DATE, JSON, MONEY, TEXT, TIME, TRACKING, WEIGHT, WHOLE
from .field import KEY, NOWHERE, READ_ONLY, REQUIRED, Field, Resource
from .groups import ACTION, ITEM, WHICH_ORDER

# fmt: off
ITEMS = Resource(
    "items", "item", "The items of orders.", default_action="update", parent="orders", inside="order_items",
    keys=(("item_id",), ("code",)), maps=("variation_list", "metadata"), weight_field="weight",
    fields=(
        ACTION,
        *WHICH_ORDER,
        Field("item_id",            TEXT,   "Order Desk's own number of the item.",          KEY, "id", example="42286",
              aliases="Item ID, id"),
        *ITEM,
    ),
)

SHIPMENTS = Resource(
    "shipments", "shipment", "Parcels, each with its tracking number.", default_action="create",
    parent="orders", inside="order_shipments", keys=(("shipment_id",), ("tracking_number",)), maps=(), weight_field="weight",
    fields=(
        ACTION,
        *WHICH_ORDER,
        Field("shipment_id",        TEXT,     "Order Desk's own number of the shipment.",    KEY, "id", aliases="Shipment ID, id", example="5501"),
        Field("tracking_number",    TRACKING, "The parcel's number; n/a where there is none.", REQUIRED, example="9400111899223100000000",
              aliases="Shipment - Tracking Number, Tracking #, TrackingNumber, Tracking Number, Tracking No, Tracking No., tracking-number,"
                      " Express or Ground Tracking ID, Package Tracking Number, PackageTrackingNumber, Tracking Number 1,"
                      " Package Identification Code (PIC), CartonTrackingNumber, Sendungsnummer, お荷物伝票番号;"
                      " Tracking ID, Tracking, Waybill, Air Waybill, AWB, Tracking Code, Tracking Nr"),
        Field("carrier_code",       TEXT,     "Who carries it, such as USPS or FedEx.",      example="USPS",
              aliases="Shipment - Carrier, carrier-code, Carrier Code, tracking_provider, Tracking Carrier, Shipping_Carrier,"
                      " courier; Shipping Provider; Carrier - Name; Carrier - Carrier Selected; Carrier, Carrier Name; Provider"),
        Field("shipment_method",    TEXT,     "The service that was used.",                  example="Priority Mail",
              aliases="Shipment - Service, Service Type, ship-method, Mail Class, Service Selected;"
                      " Carrier - Service Selected, Ground Service; Service, Shipping Service; method; Shipping Method"),
        Field("date_shipped",       DATE,     "The day it was sent.",                        example="2026-11-23",
              aliases="Date - Shipped Date, Date - Ship date, ship-date, Shipped Date, Shipment Date, Collection Date, Fulfilled at;"
                      " Ship Date, ShipDate, Shipping Date"),
        Field("weight",             WEIGHT,   "Weight of the parcel, in the store's unit.",  example="1.2", least=0,
              aliases="Shipment - Weight; Weight - Total; Actual Weight Amount, CartonWeight, Package Weight;"
                      " Rated Weight Amount; Total Weight, Gewicht"),
        Field("cost",               MONEY,    "What sending it cost you.",                   example="7.85",
              aliases="Amount - Shipping Cost, Net Charge Amount, Postage, Merchant Shipping Cost, CartonCost;"
                      " Shipping Cost, ShippingCost, Label Cost, Postage Cost; Carrier - Fee;"
                      " Shipping Rate, Transportation Charge Amount, Transaction Amount"),
        Field("status",             TEXT,     "Where the parcel is; EasyPost's hook writes it.", example="in_transit",
              aliases="Shipment Status"),
        Field("tracking_url",       TEXT,     "Where to follow it; guessed if left out.",    example="https://example.com/t/94001",
              aliases="Tracking Link"),
        Field("order_items",        JSON,     "What is in the parcel, as JSON, where it holds a part of the order."),
        Field("order_id",           TEXT,     "Order Desk's own number of the order.",       READ_ONLY),
        Field("store_id",           TEXT,     "The store.",                                  READ_ONLY),
        Field("date_added",         TIME,     "When the shipment was added, UTC.",           READ_ONLY),
        Field("cart_shipment_id",   TEXT,     "The shipment's number in the cart.",          READ_ONLY),
        Field("label_format",       TEXT,     "The label's file format.",                    READ_ONLY),
        Field("label_image",        TEXT,     "The label.",                                  READ_ONLY),
        Field("label_shipped",      TEXT,     "Whether the label was used.",                 READ_ONLY),
        Field("print_status",       TEXT,     "Whether the label was printed.",              READ_ONLY),
    ),
)

INVENTORY = Resource(
    "inventory", "inventory item", "What is in stock.", default_action="update",
    keys=(("id",), ("code",)), maps=("metadata", "variation_list"), weight_field="weight",
    fields=(
        ACTION,
        Field("id",                 TEXT,   "Order Desk's own number of the item.",          READ_ONLY, example="812", aliases="Inventory Item ID"),
        Field("code",               TEXT,   "SKU; unique in the store.",                     REQUIRED, example="00123", search="code",
              aliases="SKU, Product SKU, Item SKU, seller-sku, PartNumber, Part Number, Variant SKU, Item - SKU, Artikelnr., Artikelnummer;"
                      " Item Code, Product Code, Item No, Item Number, Product Code/SKU"),
        Field("name",               TEXT,   "What the item is called.",                      REQUIRED, example="Blue mug", search="name",
              aliases="Item Name, Product Name; Title; Product; Description, Bezeichnung"),
        Field("stock",              WHOLE,  "How many there are.",                           example="12",
              aliases="On hand (new), Counted, Count, Stock Level, Current Stock Level, Stock Quantity, Bestand; On hand, on_hand,"
                      " Qty on hand, Quantity on hand; Available; Qty, Quantity, Menge"),
        Field("stock_change",       CHANGE, "How many came (+5) or went (-3).",              path=NOWHERE, example="+5",
              aliases="Adjustment, Stock Adjustment"),
        Field("price",              MONEY,  "Selling price.",                                example="9.50",
              aliases="Unit Price, Product Unit Price, Regular price, Selling Price, Preis; Sale Price"),
        Field("cost",               MONEY,  "What one costs you.",                           example="3.10", aliases="Unit Cost, Cost per item, Cost Price"),
        Field("weight",             WEIGHT, "Weight of one, in the store's unit.",           example="0.4", least=0,
              aliases="Item Weight, Product Weight, Gewicht"),
        Field("location",           TEXT,   "Warehouse or fulfilment method.",               example="Leeds", search="location"),
        Field("update_source",      TEXT,   "The system that changed it last.",              example="Count"),
        Field("manufacturer_sku",   TEXT,   "The maker's SKU.",                              example="MUG-B",
              aliases="MPN, Manufacturer Part Number"),
        Field("variation_list.*",   TEXT,   "A variation, such as variation_list.Size.",     example="Large"),
        Field("metadata.*",         TEXT,   "Your own data, such as metadata.bin.",          example="A-3"),
        Field("date_added",         TIME,   "When the item was added, UTC.",                 READ_ONLY),
        Field("date_updated",       TIME,   "When the item was last changed, UTC.",          READ_ONLY),
    ),
)
# fmt: on
