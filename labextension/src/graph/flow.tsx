import {
  Background,
  BaseEdge,
  Controls,
  EdgeLabelRenderer,
  getBezierPath,
  Handle,
  MarkerType,
  Position,
  ReactFlow,
  type Edge,
  type EdgeProps,
  type Node,
  type NodeProps,
  type ReactFlowInstance
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { COLOURS } from '../cells/chip';
import { duration } from '../cells/status';
import { arrange, HEIGHT, WIDTH } from './arrange';
import type { IGraph, IGraphEdge, IGraphStage } from './data';

type StageNode = Node<
  { stage: IGraphStage; isChosen: boolean; onClick: () => void },
  'stage'
>;
type DataEdge = Edge<{ edge: IGraphEdge }, 'data'>;

const NODES = { stage: StageBox };
const EDGES = { data: DataLine };
const FIT = { padding: 0.1, maxZoom: 1 };
const STILL = { hideAttribution: true };

/**
 * The graph on the screen; loaded when it is first shown, since React Flow is larger than all of
 * the panel.
 */
export default function Flow(props: {
  graph: IGraph;
  chosen: string | null;
  /** The size of the place; all of the graph is kept in sight when it changes. */
  size: string;
  trans: TranslationBundle;
  onClick: (stage: string) => void;
  onConnect?: (from: string, to: string) => void;
}): React.ReactElement {
  const { chosen, graph, onClick, onConnect, size, trans } = props;
  const flow = React.useRef<ReactFlowInstance<StageNode, DataEdge>>();
  React.useEffect(() => void flow.current?.fitView(FIT), [size]);
  const shape = JSON.stringify([
    graph.stages.map(({ name }) => name),
    graph.edges.map(({ from, label, to }) => [from, to, label])
  ]);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the shape is all that is laid out
  const positions = React.useMemo(() => arrange(graph), [shape]);
  const nodes = graph.stages.map((stage): StageNode => ({
    id: stage.name,
    type: 'stage',
    position: positions.get(stage.name) ?? { x: 0, y: 0 },
    data: {
      stage,
      isChosen: stage.name === chosen,
      onClick: () => onClick(stage.name)
    },
    width: WIDTH,
    height: HEIGHT
  }));
  const edges = graph.edges.map((edge): DataEdge => ({
    id: edge.id,
    type: 'data',
    source: edge.from,
    target: edge.to,
    data: { edge },
    markerEnd: { type: MarkerType.ArrowClosed }
  }));
  return (
    <ReactFlow
      key={shape}
      aria-label={trans.__('Stages and what flows between them')}
      nodes={nodes}
      edges={edges}
      nodeTypes={NODES}
      edgeTypes={EDGES}
      proOptions={STILL}
      onInit={instance => (flow.current = instance)}
      fitView
      fitViewOptions={FIT}
      minZoom={0.1}
      maxZoom={2}
      nodesDraggable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      nodesConnectable={onConnect !== undefined}
      deleteKeyCode={null}
      preventScrolling={false}
      zoomOnScroll={false}
      onConnect={({ source, target }) => onConnect?.(source, target)}
    >
      <Background />
      <Controls
        showInteractive={false}
        aria-label={trans.__('Zoom')}
        position="top-right"
        orientation="horizontal"
      />
    </ReactFlow>
  );
}

function StageBox({ data }: NodeProps<StageNode>): React.ReactElement {
  const { isChosen, onClick, stage } = data;
  const { run } = stage;
  const progress = run ? progressOf(run) : null;
  return (
    <button
      type="button"
      className="jp-Zflow-node nopan"
      data-zflow-colour={stage.rank % COLOURS}
      data-status={run?.status}
      aria-pressed={isChosen}
      title={stage.note || undefined}
      onClick={onClick}
    >
      <Handle type="target" position={Position.Top} />
      <span className="jp-Zflow-nodeName">{stage.name}</span>
      <span className="jp-Zflow-nodeDetail">
        {progress ?? (stage.note || stage.detail)}
      </span>
      {run?.status === 'RUNNING' && run.cell !== null && run.of !== null && (
        <progress
          className="jp-Zflow-progress"
          aria-label={stage.name}
          value={run.cell}
          max={run.of}
        />
      )}
      <Handle type="source" position={Position.Bottom} />
    </button>
  );
}

function progressOf(run: NonNullable<IGraphStage['run']>): string {
  const time = run.seconds === null ? '' : ` ${duration(run.seconds)}`;
  switch (run.status) {
    case 'SUCCEEDED':
    case 'REUSED':
      return `✓${time}`;
    case 'RUNNING':
      return run.cell === null || run.of === null
        ? `▶${time}`
        : `▶ ${run.cell}/${run.of}${time}`;
    case 'FAILED':
    case 'TIMED_OUT':
      return `✗${time}`;
    case 'ABORTED':
      return `■${time}`;
    case 'NOT_RUN':
    case 'SKIPPED':
      return '–';
  }
}

function DataLine(props: EdgeProps<DataEdge>): React.ReactElement {
  const [path, x, y] = getBezierPath(props);
  const edge = props.data?.edge;
  return (
    <>
      <BaseEdge
        id={props.id}
        path={path}
        markerEnd={props.markerEnd}
        className={edge?.isOrder ? 'jp-Zflow-order' : 'jp-Zflow-edge'}
      />
      <EdgeLabelRenderer>
        <span
          className="jp-Zflow-edgeLabel nopan"
          title={edge?.title}
          style={{
            transform: `translate(-50%, -50%) translate(${x}px, ${y}px)`
          }}
        >
          {edge?.label}
        </span>
      </EdgeLabelRenderer>
    </>
  );
}
