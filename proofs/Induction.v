(** * 誤差項の漸化式（ステップ2、ステップ3）

    定理 thm-all-layers です。層の番号 [l] について、[L] から 1 へ向かう帰納法を使います。 *)

From Coq Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Backprop Require Import Sums Curves Network.
Open Scope R_scope.

(** 曲線に沿った微分は、偏微分も言っている。[z_j] だけを動かすのも、一つの曲線である。 *)
Lemma along_partial M F z g j : along_curves M F z g -> j ∈ M -> is_partial F z j (g j).
Proof.
  intros along inside. rewrite <- (sum_kronecker M j g inside). apply along.
  - intros k _. unfold put. destruct (Nat.eq_dec k j) as [->|]; reflexivity.
  - intros k _. unfold put, kronecker. destruct (Nat.eq_dec k j).
    + apply (is_derive_id (K := R_AbsRing)).
    + apply (is_derive_const (V := R_NormedModule)).
Qed.

(** ** 一段（手の導出） *)

Section Step.

Variables (net : Network) (l : nat).

(** 二つめの因子。層 [l] の加重和が曲線 [c] に沿って動くときの、次の層の加重和の割合。 *)
Lemma next_derivative (c : R -> vec) (c' z : vec) t k :
  (forall j, j ∈ N net l -> c t j = z j) ->
  (forall j, j ∈ N net l -> is_derive (f net l) (z j) (f' net l (z j))) ->
  (forall j, j ∈ N net l -> is_derive (fun s : R => c s j) t (c' j)) ->
  is_derive (fun s : R => next net l (c s) k) t (Σ j ≤ N net l, (w net (S l) k j * f' net l (z j) * c' j)).
Proof.
  intros passes slopes each. unfold next, weighted, activation. simpl. rewrite Nat.sub_0_r.
  rewrite <- Rplus_0_r. apply (is_derive_plus (V := R_NormedModule)).
  - apply (is_derive_sum _ (fun s j => w net (S l) k j * f net l (c s j))). intros j inside.
    rewrite Rmult_assoc. apply is_derive_scal. apply chain_single; [|apply each; exact inside].
    rewrite passes by exact inside. apply slopes. exact inside.
  - apply (is_derive_const (V := R_NormedModule)).
Qed.

(** 和を入れ替えて、[f'] を和の外に出す（式 eq-hidden-delta）。 *)
Theorem hidden_step (F : vec -> R) (z δ_next : vec) :
  (forall j, j ∈ N net l -> is_derive (f net l) (z j) (f' net l (z j))) ->
  along_curves (N net (S l)) F (next net l z) δ_next ->
  along_curves (N net l) (fun u => F (next net l u)) z
    (fun j => (Σ k ≤ N net (S l), (w net (S l) k j * δ_next k)) * f' net l (z j)).
Proof.
  intros slopes along c c' t passes each.
  replace (Σ j ≤ N net l, ((Σ k ≤ N net (S l), (w net (S l) k j * δ_next k)) * f' net l (z j) * c' j))
    with (Σ k ≤ N net (S l), (δ_next k * (Σ j ≤ N net l, (w net (S l) k j * f' net l (z j) * c' j)))).
  - (* 連鎖律: 次の層の加重和のすべての道について足す *)
    apply (along (fun s => next net l (c s))).
    + intros k _. unfold next, weighted, activation. f_equal. apply sum_ext. intros j inside.
      simpl in inside. rewrite Nat.sub_0_r in inside. rewrite passes by exact inside. reflexivity.
    + intros k _. apply next_derivative; assumption.
  - (* 和の順序を入れ替える *)
    transitivity (Σ k ≤ N net (S l), (Σ j ≤ N net l, (δ_next k * (w net (S l) k j * f' net l (z j) * c' j)))).
    + apply sum_ext. intros k _. symmetry. apply sum_scale.
    + rewrite sum_exchange. apply sum_ext. intros j _. rewrite Rmult_assoc, <- sum_scale_r.
      apply sum_ext. intros k _. ring.
Qed.

End Step.

(** ** すべての層へ *)

(** [D] が、出力層では [δ_L]、隠れ層では式 eq-hidden-delta によって、後ろから順に求めた値であること。 *)
Definition backward (net : Network) (x : vec) (δ_L : vec) (D : nat -> vec) : Prop :=
  (forall j, j ∈ N net (L net) -> D (L net) j = δ_L j) /\
  (forall l j, (1 <= l < L net)%nat -> j ∈ N net l ->
    D l j = (Σ k ≤ N net (S l), (w net (S l) k j * D (S l) k)) * f' net l (z net x l j)).

(** 隠れ層の活性化関数が、いまの加重和で微分できること。 *)
Definition hidden_differentiable (net : Network) (x : vec) : Prop :=
  forall l j, (1 <= l < L net)%nat -> j ∈ N net l ->
  is_derive (f net l) (z net x l j) (f' net l (z net x l j)).

Lemma along_ext M F z g h :
  (forall j, j ∈ M -> g j = h j) -> along_curves M F z g -> along_curves M F z h.
Proof.
  intros same along c c' t passes each.
  replace (Σ k ≤ M, (h k * c' k)) with (Σ k ≤ M, (g k * c' k)).
  - apply along; assumption.
  - apply sum_ext. intros k inside. rewrite same by exact inside. reflexivity.
Qed.

Lemma next_is_z net x l : (1 <= l)%nat -> next net l (z net x l) = z net x (S l).
Proof.
  intros inside. unfold next, z at 2. simpl (S l - 1)%nat. rewrite Nat.sub_0_r.
  destruct l as [|l]; [lia|]. unfold z. simpl (S l - 1)%nat. rewrite Nat.sub_0_r. reflexivity.
Qed.

Lemma activation_of_z net x l : (1 <= l)%nat -> activation net l (z net x l) = a net x l.
Proof. intros inside. unfold z. destruct l as [|l]; [lia|]. simpl. rewrite Nat.sub_0_r. reflexivity. Qed.

(** 帰納法。[n] は、出力層までに残っている層の数で、[l = L - n] です。 *)
Lemma induction_on_layers net E x δ_L D :
  hidden_differentiable net x ->
  along_curves (N net (L net)) E (z net x (L net)) δ_L ->
  backward net x δ_L D ->
  forall n l, (1 <= l)%nat -> (n + l = L net)%nat ->
  along_curves (N net l) (fun u => E (ahead net n l u)) (z net x l) (D l).
Proof.
  intros slopes last [output hidden]. induction n as [|n IH]; intros l first depth.
  - (* 出発点: l = L *)
    simpl in depth. subst l. simpl. apply along_ext with δ_L; [|exact last].
    intros j inside. symmetry. apply output. exact inside.
  - (* 一段: 層 l+1 で成り立つなら、層 l でも成り立つ *)
    simpl. apply along_ext with
      (fun j => (Σ k ≤ N net (S l), (w net (S l) k j * D (S l) k)) * f' net l (z net x l j)).
    + intros j inside. symmetry. apply hidden; [lia|exact inside].
    + apply (hidden_step net l (fun v => E (ahead net n (S l) v)) (z net x l) (D (S l))).
      * intros j inside. apply slopes; [lia|exact inside].
      * rewrite next_is_z by exact first. apply IH; lia.
Qed.

Theorem recursion_along_curves net E x δ_L D :
  hidden_differentiable net x ->
  along_curves (N net (L net)) E (z net x (L net)) δ_L ->
  backward net x δ_L D ->
  forall l, l ∈ L net -> along_curves (N net l) (loss_from net E l) (z net x l) (D l).
Proof.
  intros slopes last back l inside. unfold loss_from.
  apply (induction_on_layers net E x δ_L D slopes last back); lia.
Qed.

(** ** ステップ2: 要素ごとの活性化関数の出力層（式 eq-output-delta） *)

Theorem elementwise_delta M (φ φ' : R -> R) ℒ (z g : vec) :
  (forall j, j ∈ M -> is_derive φ (z j) (φ' (z j))) ->
  totally_differentiable M ℒ (fun j => φ (z j)) g ->
  along_curves M (fun u => ℒ (fun j => φ (u j))) z (fun j => g j * φ' (z j)).
Proof.
  intros slopes differentiable c c' t passes each.
  replace (Σ k ≤ M, (g k * φ' (z k) * c' k)) with (Σ k ≤ M, (g k * (φ' (z k) * c' k))) by (apply sum_ext; intros; ring).
  apply (chain_rule _ _ _ _ differentiable (fun s k => φ (c s k))).
  - intros k inside. rewrite passes by exact inside. reflexivity.
  - intros k inside. apply chain_single; [|apply each; exact inside].
    rewrite passes by exact inside. apply slopes. exact inside.
Qed.

Theorem output_delta net x ℒ g :
  (forall j, j ∈ N net (L net) -> is_derive (f net (L net)) (z net x (L net) j) (f' net (L net) (z net x (L net) j))) ->
  totally_differentiable (N net (L net)) ℒ (activation net (L net) (z net x (L net))) g ->
  along_curves (N net (L net)) (elementwise net ℒ) (z net x (L net))
    (fun j => g j * f' net (L net) (z net x (L net) j)).
Proof. apply elementwise_delta. Qed.

(** ** 定理（誤差項の漸化式） *)

(** どの層の活性化関数も、いまの加重和で微分できること。 *)
Definition differentiable_activations (net : Network) (x : vec) : Prop :=
  forall l j, l ∈ L net -> j ∈ N net l ->
  is_derive (f net l) (z net x l j) (f' net l (z net x l j)).

(** 出力層では式 eq-output-delta、[l = L-1, …, 1] では順に式 eq-hidden-delta によって求めた値 [D]。
    [g j] は、出力の勾配 [∂ℒ/∂a^L_j] です。 *)
Definition backpropagated (net : Network) (x : vec) (g : vec) (D : nat -> vec) : Prop :=
  (forall j, j ∈ N net (L net) -> D (L net) j = g j * f' net (L net) (z net x (L net) j)) /\
  (forall l j, (1 <= l < L net)%nat -> j ∈ N net l ->
    D l j = (Σ k ≤ N net (S l), (w net (S l) k j * D (S l) k)) * f' net l (z net x l j)).

(** そのような値は、いつでもある。後ろから順に求めればよい。[n] は、出力層までに残っている層の数。 *)
Fixpoint δ (net : Network) (x g : vec) (n l : nat) : vec :=
  match n with
  | O => fun j => g j * f' net l (z net x l j)
  | S n' => fun j => (Σ k ≤ N net (S l), (w net (S l) k j * δ net x g n' (S l) k)) * f' net l (z net x l j)
  end.

Theorem backpropagation_works net x g : backpropagated net x g (fun l => δ net x g (L net - l) l).
Proof.
  split.
  - intros j _. rewrite Nat.sub_diag. reflexivity.
  - intros l j layer _. replace (L net - l)%nat with (S (L net - S l)) by lia. reflexivity.
Qed.

(** 定理の仮定をまとめたもの。 *)
Definition assumptions (net : Network) (x : vec) (ℒ : vec -> R) (g : vec) (D : nat -> vec) : Prop :=
  (1 <= L net)%nat /\
  differentiable_activations net x /\
  totally_differentiable (N net (L net)) ℒ (a net x (L net)) g /\
  backpropagated net x g D.

Lemma all_layers_along_curves net x ℒ g D :
  assumptions net x ℒ g D ->
  forall l, l ∈ L net ->
  along_curves (N net l) (loss_from net (elementwise net ℒ) l) (z net x l) (D l).
Proof.
  intros [deep [slopes [differentiable back]]] l layer.
  apply recursion_along_curves with (fun j => g j * f' net (L net) (z net x (L net) j)); [| |exact back|exact layer].
  - intros l' j' layer' inside'. apply slopes; [lia|exact inside'].
  - apply output_delta.
    + intros j' inside'. apply slopes; [lia|exact inside'].
    + rewrite activation_of_z by exact deep. exact differentiable.
Qed.

Theorem all_layers net x ℒ g D :
  assumptions net x ℒ g D ->
  forall l j, l ∈ L net -> j ∈ N net l ->
  is_partial (loss_from net (elementwise net ℒ) l) (z net x l) j (D l j).
Proof.
  intros given l j layer inside. apply along_partial with (N net l); [|exact inside].
  apply all_layers_along_curves with g; assumption.
Qed.
