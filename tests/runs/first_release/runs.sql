BEGIN TRANSACTION;
CREATE TABLE numbers (name TEXT PRIMARY KEY, value REAL NOT NULL) STRICT;
INSERT INTO "numbers" VALUES('seq',11.0);
INSERT INTO "numbers" VALUES('queue',11.0);
INSERT INTO "numbers" VALUES('pace-cpu',1.5);
CREATE TABLE runs (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, model TEXT NOT NULL, request TEXT NOT NULL,
  state TEXT NOT NULL, created REAL NOT NULL, queued REAL NOT NULL, started REAL, ended REAL,
  attempt INTEGER NOT NULL DEFAULT 0, resume INTEGER NOT NULL DEFAULT 0,
  owner TEXT, slot TEXT, lease REAL, moved REAL, cancel REAL,
  deaths INTEGER NOT NULL DEFAULT 0, units INTEGER NOT NULL DEFAULT 0,
  units_at_death INTEGER NOT NULL DEFAULT -1,
  done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0,
  phase TEXT NOT NULL DEFAULT 'waiting', seconds_left REAL,
  finished_classes INTEGER NOT NULL DEFAULT 0, n_classes INTEGER NOT NULL,
  message TEXT NOT NULL DEFAULT '', deleted REAL, seq INTEGER NOT NULL
) STRICT;
INSERT INTO "runs" VALUES('f5974bc08ef99dc2','run 0','544fcc64443ea34c','{"name": "run 0", "model": "544fcc64443ea34c", "spec": {"network": "544fcc64443ea34c6e9a4ea0824e2f1c3be8fbab2100a227020151cff990d81b", "layer": "pool1", "classes": [0, 1], "preset": "default", "settings": {"regimes": [{"name": "importance", "radius": 0.1}, {"name": "modes", "radius": 1.0}], "base": "background", "start": "normal", "start_scale": null, "optimiser": "heavy-ball", "steps": 100, "step_size": 0.05, "start_decay": 0, "alpha": 0.0, "min_rate": 0.0, "patience": null, "keep": "best", "l2": null, "l2_regimes": ["modes"], "n_trials": 5, "seed": 0, "precision": "float32"}, "output": null, "sequences": null, "labels": null, "keep_fim": false, "method_version": 2}, "device": "cpu"}','done',1002.0,1002.0,1004.0,1006.0,1,0,NULL,NULL,NULL,1005.0,NULL,0,1,-1,3200,3200,'done',NULL,2,2,'',NULL,5);
INSERT INTO "runs" VALUES('ef520a1a97d1d59d','run 1','544fcc64443ea34c','{"name": "run 1", "model": "544fcc64443ea34c", "spec": {"network": "544fcc64443ea34c6e9a4ea0824e2f1c3be8fbab2100a227020151cff990d81b", "layer": "pool1", "classes": [0, 1], "preset": "default", "settings": {"regimes": [{"name": "importance", "radius": 0.1}, {"name": "modes", "radius": 1.0}], "base": "background", "start": "normal", "start_scale": null, "optimiser": "heavy-ball", "steps": 100, "step_size": 0.05, "start_decay": 0, "alpha": 0.0, "min_rate": 0.0, "patience": null, "keep": "best", "l2": null, "l2_regimes": ["modes"], "n_trials": 5, "seed": 1, "precision": "float32"}, "output": null, "sequences": null, "labels": null, "keep_fim": false, "method_version": 2}, "device": "cpu"}','running',1008.0,1008.0,1009.0,NULL,1,0,'here:1:a','cpu',1020.0,1010.0,NULL,0,2,-1,50,3200,'ascent',NULL,0,2,'',NULL,8);
INSERT INTO "runs" VALUES('6a260e5344f609a9','run 2','544fcc64443ea34c','{"name": "run 2", "model": "544fcc64443ea34c", "spec": {"network": "544fcc64443ea34c6e9a4ea0824e2f1c3be8fbab2100a227020151cff990d81b", "layer": "pool1", "classes": [0, 1], "preset": "default", "settings": {"regimes": [{"name": "importance", "radius": 0.1}, {"name": "modes", "radius": 1.0}], "base": "background", "start": "normal", "start_scale": null, "optimiser": "heavy-ball", "steps": 100, "step_size": 0.05, "start_decay": 0, "alpha": 0.0, "min_rate": 0.0, "patience": null, "keep": "best", "l2": null, "l2_regimes": ["modes"], "n_trials": 5, "seed": 2, "precision": "float32"}, "output": null, "sequences": null, "labels": null, "keep_fim": false, "method_version": 2}, "device": "cpu"}','queued',1012.0,1012.0,NULL,NULL,0,0,NULL,NULL,NULL,NULL,NULL,0,0,-1,0,3200,'waiting',NULL,0,2,'',NULL,9);
INSERT INTO "runs" VALUES('5ac041668dfd620e','run 3','544fcc64443ea34c','{"name": "run 3", "model": "544fcc64443ea34c", "spec": {"network": "544fcc64443ea34c6e9a4ea0824e2f1c3be8fbab2100a227020151cff990d81b", "layer": "pool1", "classes": [0, 1], "preset": "default", "settings": {"regimes": [{"name": "importance", "radius": 0.1}, {"name": "modes", "radius": 1.0}], "base": "background", "start": "normal", "start_scale": null, "optimiser": "heavy-ball", "steps": 100, "step_size": 0.05, "start_decay": 0, "alpha": 0.0, "min_rate": 0.0, "patience": null, "keep": "best", "l2": null, "l2_regimes": ["modes"], "n_trials": 5, "seed": 3, "precision": "float32"}, "output": null, "sequences": null, "labels": null, "keep_fim": false, "method_version": 2}, "device": "cpu"}','cancelled',1014.0,1014.0,NULL,1015.0,0,0,NULL,NULL,NULL,NULL,NULL,0,0,-1,0,3200,'cancelled',NULL,0,2,'',NULL,11);
CREATE TABLE subs (
  run_id TEXT NOT NULL, user TEXT NOT NULL, since REAL NOT NULL, PRIMARY KEY (run_id, user)
) STRICT;
INSERT INTO "subs" VALUES('f5974bc08ef99dc2','ann',1001.0);
INSERT INTO "subs" VALUES('f5974bc08ef99dc2','bob',1003.0);
INSERT INTO "subs" VALUES('ef520a1a97d1d59d','ann',1007.0);
INSERT INTO "subs" VALUES('6a260e5344f609a9','bob',1011.0);
INSERT INTO "subs" VALUES('5ac041668dfd620e','ann',1013.0);
CREATE TABLE users (user TEXT PRIMARY KEY, served INTEGER NOT NULL) STRICT;
INSERT INTO "users" VALUES('bob',3);
INSERT INTO "users" VALUES('ann',7);
CREATE INDEX runs_by_seq ON runs (seq);
CREATE INDEX runs_by_state ON runs (state);
COMMIT;
PRAGMA user_version = 1;
