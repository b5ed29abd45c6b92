-- Every table is alike: a record as JSON under its key, how often it was written, and a
-- generated column with an index for each field that records are found by.

CREATE TABLE accounts (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE sessions (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE roles (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE instance_profiles (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE parameters (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE remembered (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "answered_at" TEXT GENERATED ALWAYS AS (json_extract(body, '$.answered_at')) VIRTUAL
);
CREATE INDEX remembered_answered_at ON remembered ("answered_at");

CREATE TABLE instances (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "image_id" TEXT GENERATED ALWAYS AS (json_extract(body, '$.image_id')) VIRTUAL,
    "state" TEXT GENERATED ALWAYS AS (json_extract(body, '$.state')) VIRTUAL,
    "subnet_id" TEXT GENERATED ALWAYS AS (json_extract(body, '$.subnet_id')) VIRTUAL
);
CREATE INDEX instances_image_id ON instances ("image_id");
CREATE INDEX instances_state ON instances ("state");
CREATE INDEX instances_subnet_id ON instances ("subnet_id");

CREATE TABLE images (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "name" TEXT GENERATED ALWAYS AS (json_extract(body, '$.name')) VIRTUAL,
    "state" TEXT GENERATED ALWAYS AS (json_extract(body, '$.state')) VIRTUAL
);
CREATE INDEX images_name ON images ("name");
CREATE INDEX images_state ON images ("state");

CREATE TABLE snapshots (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE volumes (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE key_pairs (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "id" TEXT GENERATED ALWAYS AS (json_extract(body, '$.id')) VIRTUAL
);
CREATE INDEX key_pairs_id ON key_pairs ("id");

CREATE TABLE launch_templates (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "name" TEXT GENERATED ALWAYS AS (json_extract(body, '$.name')) VIRTUAL
);
CREATE INDEX launch_templates_name ON launch_templates ("name");

CREATE TABLE launch_template_versions (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "template_id" TEXT GENERATED ALWAYS AS (json_extract(body, '$.template_id')) VIRTUAL
);
CREATE INDEX launch_template_versions_template_id ON launch_template_versions ("template_id");

CREATE TABLE vpcs (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE subnets (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "vpc_id" TEXT GENERATED ALWAYS AS (json_extract(body, '$.vpc_id')) VIRTUAL
);
CREATE INDEX subnets_vpc_id ON subnets ("vpc_id");

CREATE TABLE internet_gateways (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE route_tables (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "vpc_id" TEXT GENERATED ALWAYS AS (json_extract(body, '$.vpc_id')) VIRTUAL
);
CREATE INDEX route_tables_vpc_id ON route_tables ("vpc_id");

CREATE TABLE security_groups (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "name" TEXT GENERATED ALWAYS AS (json_extract(body, '$.name')) VIRTUAL,
    "vpc_id" TEXT GENERATED ALWAYS AS (json_extract(body, '$.vpc_id')) VIRTUAL
);
CREATE INDEX security_groups_name ON security_groups ("name");
CREATE INDEX security_groups_vpc_id ON security_groups ("vpc_id");

CREATE TABLE security_group_rules (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "group_id" TEXT GENERATED ALWAYS AS (json_extract(body, '$.group_id')) VIRTUAL,
    "referenced_group" TEXT GENERATED ALWAYS AS (json_extract(body, '$.referenced_group')) VIRTUAL
);
CREATE INDEX security_group_rules_group_id ON security_group_rules ("group_id");
CREATE INDEX security_group_rules_referenced_group ON security_group_rules ("referenced_group");

CREATE TABLE network_interfaces (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "instance_id" TEXT GENERATED ALWAYS AS (json_extract(body, '$.instance_id')) VIRTUAL,
    "private_ip" TEXT GENERATED ALWAYS AS (json_extract(body, '$.private_ip')) VIRTUAL,
    "subnet_id" TEXT GENERATED ALWAYS AS (json_extract(body, '$.subnet_id')) VIRTUAL
);
CREATE INDEX network_interfaces_instance_id ON network_interfaces ("instance_id");
CREATE INDEX network_interfaces_private_ip ON network_interfaces ("private_ip");
CREATE INDEX network_interfaces_subnet_id ON network_interfaces ("subnet_id");

CREATE TABLE addresses (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "instance_id" TEXT GENERATED ALWAYS AS (json_extract(body, '$.instance_id')) VIRTUAL,
    "public_ip" TEXT GENERATED ALWAYS AS (json_extract(body, '$.public_ip')) VIRTUAL
);
CREATE INDEX addresses_instance_id ON addresses ("instance_id");
CREATE INDEX addresses_public_ip ON addresses ("public_ip");

CREATE TABLE groups (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE refreshes (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "group" TEXT GENERATED ALWAYS AS (json_extract(body, '$.group')) VIRTUAL,
    "status" TEXT GENERATED ALWAYS AS (json_extract(body, '$.status')) VIRTUAL
);
CREATE INDEX refreshes_group ON refreshes ("group");
CREATE INDEX refreshes_status ON refreshes ("status");

CREATE TABLE activities (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "group" TEXT GENERATED ALWAYS AS (json_extract(body, '$.group')) VIRTUAL,
    "status" TEXT GENERATED ALWAYS AS (json_extract(body, '$.status')) VIRTUAL
);
CREATE INDEX activities_group ON activities ("group");
CREATE INDEX activities_status ON activities ("status");

CREATE TABLE load_balancers (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "name" TEXT GENERATED ALWAYS AS (json_extract(body, '$.name')) VIRTUAL
);
CREATE INDEX load_balancers_name ON load_balancers ("name");

CREATE TABLE listeners (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "load_balancer" TEXT GENERATED ALWAYS AS (json_extract(body, '$.load_balancer')) VIRTUAL
);
CREATE INDEX listeners_load_balancer ON listeners ("load_balancer");

CREATE TABLE rules (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "listener" TEXT GENERATED ALWAYS AS (json_extract(body, '$.listener')) VIRTUAL
);
CREATE INDEX rules_listener ON rules ("listener");

CREATE TABLE target_groups (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "name" TEXT GENERATED ALWAYS AS (json_extract(body, '$.name')) VIRTUAL
);
CREATE INDEX target_groups_name ON target_groups ("name");

CREATE TABLE targets (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    "group" TEXT GENERATED ALWAYS AS (json_extract(body, '$.group')) VIRTUAL,
    "id" TEXT GENERATED ALWAYS AS (json_extract(body, '$.id')) VIRTUAL
);
CREATE INDEX targets_group ON targets ("group");
CREATE INDEX targets_id ON targets ("id");
