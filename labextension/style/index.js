import './base.css';
import './colours.css';
import './cells.css';
import './stages.css';
import './graph.css';
import './executions.css';
import './dialogs.css';
