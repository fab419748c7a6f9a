-- The published record of dialogues. An item's body is the JSON text that the public record commits to.
create table dialogue_item (
  org      text    not null,
  dialogue text    not null,
  id       text    not null,
  kind     text    not null,
  position integer not null,
  version  integer not null,
  body     text    not null,
  entry    text    not null,
  primary key (org, dialogue, id)
);

-- What the items rest on.
create table dialogue_source (
  org     text    not null,
  id      text    not null,
  version integer not null,
  body    text    not null,
  entry   text    not null,
  primary key (org, id)
);

-- How often the record has changed, so that a program that keeps it in memory knows when to read it again.
create table dialogue_generation (
  org        text   primary key,
  generation bigint not null
);
